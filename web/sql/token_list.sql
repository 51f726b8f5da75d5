select id, name, hash, sources, created_us, expires_us, revoked_us, used_us
from tokens
order by name, created_us, id
