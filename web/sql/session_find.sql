select a.name, a.role, s.created_us, s.seen_us
from sessions s
join accounts a on a.id = s.account_id
where s.hash = :hash
  and s.ended_us is null
  and a.disabled_us is null
  and s.seen_us > :idle_since
  and s.created_us > :made_since
