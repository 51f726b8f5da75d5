-- Every version of every policy with its text, and from when it is in force: the order in
-- which versions take over from each other.
SELECT policy, version, text, effective_at
FROM policies
WHERE text IS NOT NULL
ORDER BY policy, effective, version
