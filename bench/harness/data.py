"""The benchmark's leads: made from a fixed seed, so that every run and both servers hold the same.

In the data folder:
  t001.csv …    one file a tenant, in the columns of a lead export
  import.csv    the file whose import is timed
  leads.tsv     tenant, id, status, email: what the load generator expects
  users.tsv     tenant, user id: one member of each tenant
  tokens.tsv    tenant, token: made anew by each run

Of --scale, in a folder each, leads.tsv and tokens.tsv of the large tenant and of the small ones; and
large.csv.

Lead number n has the same email in every tenant, on purpose: only the tenant tells them apart. Each
lead's metadata names its tenant, which is how the load generator notices a foreign row.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import random
import time
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

HEADER = ("lead_id,first_name,last_name,email,phone_e164,property_address,city,province,"
          "postal_code,property_type,price_range,timeline,source,tags,status,created_at,"
          "updated_at,metadata\n")
FIRST = ("Alice Bruno Chloe Daniel Elena Felix Grace Hugo Irene Jonas Karin Liam Maria Noah Olga "
         "Pavel").split()
LAST = ("Abbott Bergeron Chen Dubois Evans Fournier Garcia Haddad Ito Jensen Khan Lefebvre Moreau "
        "Nguyen").split()
CITIES = [("Toronto", "ON"), ("Montreal", "QC"), ("Calgary", "AB"), ("Halifax", "NS"),
          ("Vancouver", "BC"), ("Winnipeg", "MB"), ("Regina", "SK"), ("Moncton", "NB")]
STREETS = ["Harbour Street", "Maple Avenue", "Concession Road 4", "King Street West"]
KINDS = ["acreage", "condo", "duplex", "commercial", "townhouse", "detached"]
PRICES = ["<300k", "300k-500k", "500k-800k", "800k-1.2M", ">1.2M"]
TIMELINES = ["now", "1-3 months", "3-6 months", "6-12 months", "browsing"]
SOURCES = ["website", "whatsapp", "open-house", "realtor.ca", "zillow", "referral", "facebook"]
TAGS = ["", "vip", "relocating", "downsizing;cash", "investor", "first-time;pre-approved"]
CAMPAIGNS = ["spring", "lakeside", "newsletter", "autumn"]
# As often as in a real book of leads: many new ones, few closed.
STATUSES = ["new"] * 7 + ["contacted"] * 5 + ["qualified"] * 3 + ["converted"] * 3 + ["closed"] * 2
BEGIN = datetime(2022, 1, 1, tzinfo=timezone.utc)
STEP = timedelta(seconds=977)
SPAN = timedelta(days=1131)  # of all leads of a tenant at most, so that none is made in the future


def lead_rows(tenant, count):
    """Yields (id, status, email, csv line) for `count` leads, oldest first."""
    random_bits = random.Random(f"leads of {tenant}")
    step = min(STEP, SPAN / count)

    def one_of(items):  # random.choice, an eighth of the time
        return items[int(random_bits.random() * len(items))]

    for n in range(count):
        first, last = FIRST[n % 16], LAST[n // 16 % 14]
        email = f"{first}.{last}.{n}@mail.example".lower()
        lead_id = uuid.UUID(int=random_bits.getrandbits(128), version=4)
        status = one_of(STATUSES)
        city, province = one_of(CITIES)
        address = f"{n % 997 + 1} {one_of(STREETS)}"
        at = (BEGIN + n * step).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        metadata = (f'"{{""marker"":""tenant={tenant}"",""utm"":{{""campaign"":"'
                    f'"{one_of(CAMPAIGNS)}"",""medium"":""email""}},""beds"":{n % 7},'
                    '""notes"":""Asked to be called back.""}"')
        yield lead_id, status, email, (
            f"{lead_id},{first},{last},{email},+1416{2000000 + n},{address},{city},{province},"
            f"M5J 2N8,{one_of(KINDS)},{one_of(PRICES)},{one_of(TIMELINES)},{one_of(SOURCES)},"
            f"{one_of(TAGS)},{status},{at},{at},{metadata}\n")


def tenant_names(count):
    return [f"t{n:03}" for n in range(1, count + 1)]


def user_of(tenant):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{tenant}.users.example"))


def known_line(tenant, lead_id, status, email):
    """Of leads.tsv."""
    return f"{tenant}\t{lead_id}\t{status}\t{email}\n"


def write_leads(path, known, tenant, count):
    with open(path, "w") as file:
        file.write(HEADER)
        for lead_id, status, email, line in lead_rows(tenant, count):
            known.write(known_line(tenant, lead_id, status, email))
            file.write(line)


@contextlib.contextmanager
def unless_made(folder, *what):
    """Yields whether `folder` has to be filled: it doesn't hold just this already."""
    source = Path(__file__).read_bytes()
    stamp = f"{' '.join(map(str, what))} {hashlib.sha256(source).hexdigest()}\n"
    stamp_file = folder / "stamp"
    if stamp_file.exists() and stamp_file.read_text() == stamp:
        yield False
        return
    folder.mkdir(parents=True, exist_ok=True)
    stamp_file.unlink(missing_ok=True)
    yield True
    stamp_file.write_text(stamp)


def make(folder, tenants, leads, import_rows):
    """Makes the files unless the folder holds just these already."""
    with unless_made(folder, tenants, leads, import_rows) as wanted:
        if not wanted:
            return
        with open(folder / "leads.tsv", "w") as known, open(folder / "users.tsv", "w") as users:
            for tenant in tenant_names(tenants):
                users.write(f"{tenant}\t{user_of(tenant)}\n")
                write_leads(folder / f"{tenant}.csv", known, tenant, leads)
        with open(folder / "import.csv", "w") as file:
            file.write(HEADER)
            file.writelines(line for *_, line in lead_rows("import", import_rows))


def make_large(folder, tenant, leads):
    """`folder`.csv with the leads of one tenant, and leads.tsv in `folder`."""
    with unless_made(folder, leads) as wanted:
        if wanted:
            with open(folder / "leads.tsv", "w") as known:
                write_leads(folder.with_suffix(".csv"), known, tenant, leads)


def few_leads(tenant, count):
    """The bodies of `count` leads, to be made over HTTP."""
    statuses = random.Random(f"leads of {tenant}").choices(STATUSES, k=count)
    for n, status in enumerate(statuses):
        first, last = FIRST[n % 16], LAST[n // 16 % 14]
        yield {"first_name": first, "last_name": last,
               "email": f"{first}.{last}.{n}@mail.example".lower(), "city": CITIES[n % 8][0],
               "source": SOURCES[n % 7], "status": status,
               "metadata": {"marker": f"tenant={tenant}", "beds": n}}


def token(secret, tenant):
    """An HS256 token, good for twelve hours, of the tenant's one member."""
    def encode(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")
    claims = {"sub": user_of(tenant), "tenant_id": tenant, "role": "operator",
              "iat": int(time.time()), "exp": int(time.time()) + 12 * 3600}
    signed = encode(b'{"alg":"HS256","typ":"JWT"}') + b"." + encode(json.dumps(claims).encode())
    signature = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + encode(signature)).decode()


def write_tokens(folder, secret, names):
    (folder / "tokens.tsv").write_text("".join(f"{name}\t{token(secret, name)}\n" for name in names))
