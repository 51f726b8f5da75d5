select sources
from tokens
where name = :name
  and revoked_us is null
  and (expires_us is null or expires_us > :now)
order by created_us desc
