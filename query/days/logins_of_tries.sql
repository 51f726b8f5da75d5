-- The logins of the tries at hand, in the place of those of all events
-- (logins_seen): who an account belongs to doesn't depend on any other account.
SELECT DISTINCT source, user_name AS login FROM tries
