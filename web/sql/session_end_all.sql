update sessions
set ended_us = :now
where ended_us is null
  and account_id in (select id from accounts where name = :name)
