select a.name, a.role, a.created_us, a.disabled_us, max(s.seen_us)
from accounts a
left join sessions s on s.account_id = a.id
group by a.id
order by a.name
