"""A mail server that tests send to, by aiosmtpd. It says `port N` when it listens on 127.0.0.1, and
writes what it takes into FOLDER, message by message, as 1.json and so on, before it says that it has.

server.py FOLDER [OPTION...]; see below."""

import argparse
import asyncio
import email
import email.policy
import json
import ssl
from base64 import b64encode
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--certificate", help="for STARTTLS, which it offers then")
    parser.add_argument("--key")
    parser.add_argument("--tls-at-once", action="store_true", help="instead of STARTTLS")
    parser.add_argument("--user", help="without whom nothing is taken")
    parser.add_argument("--password")
    parser.add_argument("--refuse", nargs=2, action="append", default=[], metavar=("COMMAND", "REPLY"),
                        help="AUTH's reply may have {password} and {blob}, what the client sent")
    parser.add_argument("--without-farewell", action="store_true", help="QUIT gets no answer")
    parser.add_argument("--says", help="this, with a line's end, to whoever connects; nothing else")
    return parser.parse_args()


class Handler:
    """aiosmtpd calls what is named handle_COMMAND, and sends what it returns."""

    def __init__(self, folder, refusals):
        self.folder = folder
        self.taken = 0
        for command, reply in refusals.items():
            setattr(self, "handle_" + command, self.refusing(command, reply))

    @staticmethod
    def refusing(command, reply):
        async def refuse_data(server, session, envelope):
            return reply

        async def refuse(server, session, envelope, address, options):
            return reply

        return refuse_data if command == "DATA" else refuse

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.taken += 1
        (self.folder / f"{self.taken}.json").write_text(json.dumps({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "options": envelope.mail_options,
            "tls": server.transport.get_extra_info("cipher") is not None,
            "user": session.auth_data.login.decode() if session.authenticated else "",
            "raw": envelope.content.decode(),
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "text": message.get_content().replace("\r\n", "\n"),
        }))
        return "250 2.0.0 taken"


class Server(SMTP):
    without_farewell = False

    async def smtp_QUIT(self, arg):
        if not self.without_farewell:
            await super().smtp_QUIT(arg)


def authenticator(user, password, reply):
    def check(server, session, envelope, mechanism, given):
        if (given.login, given.password) == (user.encode(), password.encode()):
            return AuthResult(success=True, auth_data=given)
        blob = b64encode(b"\0" + given.login + b"\0" + given.password).decode()
        message = reply.format(password=given.password.decode(), blob=blob)
        return AuthResult(success=False, handled=False, message=message)

    return check


def tls_context(arguments):
    if not arguments.certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(arguments.certificate, arguments.key)
    return context


def talkative(arguments, context):
    refusals = dict(arguments.refuse)
    auth_reply = refusals.pop("AUTH", "535 5.7.8 wrong user or password")
    handler = Handler(arguments.folder, refusals)
    options = {"hostname": "mail.example.com", "enable_SMTPUTF8": True}
    if context and not arguments.tls_at_once:
        options["tls_context"] = context
    if arguments.user:
        options |= {"auth_required": True, "auth_require_tls": False,
                    "authenticator": authenticator(arguments.user, arguments.password, auth_reply)}
    Server.without_farewell = arguments.without_farewell
    return lambda: Server(handler, **options)


class Silent(asyncio.Protocol):
    says = ""

    def connection_made(self, transport):
        if self.says:
            transport.write(self.says.encode() + b"\r\n")


async def main():
    arguments = parse_arguments()
    context = tls_context(arguments)
    if arguments.says is None:
        made = talkative(arguments, context)
    else:
        Silent.says = arguments.says
        made = Silent
    server = await asyncio.get_running_loop().create_server(
        made, "127.0.0.1", 0, ssl=context if arguments.tls_at_once else None)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
