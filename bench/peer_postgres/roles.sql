-- Of the whole cluster. Fastify logs in as the first two, PostgREST as the third, which becomes the
-- role that the token names.
CREATE ROLE peer_bare LOGIN BYPASSRLS;
CREATE ROLE peer_rls LOGIN;
CREATE ROLE operator NOLOGIN;
CREATE ROLE authenticator LOGIN NOINHERIT;
GRANT operator TO authenticator;
