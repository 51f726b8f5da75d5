-- What the server has to remember and the audit trail must not hold: who may
-- sign in, with which links, sessions and tokens. Secrets only as SHA-256.
create table accounts (
    id          integer primary key,
    name        text    not null unique,
    role        text    not null,
    created_us  integer not null,
    disabled_us integer
) strict;

create table login_links (
    hash       blob    primary key,
    account_id integer not null references accounts (id),
    created_us integer not null,
    expires_us integer not null,
    used_us    integer
) strict, without rowid;

create table sessions (
    hash       blob    primary key,
    account_id integer not null references accounts (id),
    created_us integer not null,
    seen_us    integer not null,
    ended_us   integer
) strict, without rowid;

create index sessions_of on sessions (account_id);

create table tokens (
    id         text    primary key,
    name       text    not null,
    hash       blob    not null,
    sources    text    not null,
    created_us integer not null,
    expires_us integer,
    revoked_us integer,
    used_us    integer
) strict, without rowid;

create index tokens_of on tokens (name);
