-- The row stays for the sessions and links that point to it; nobody signs in with it.
UPDATE accounts
SET name = 'erased-' || id, disabled_us = coalesce(disabled_us, :now)
WHERE name = :name;
