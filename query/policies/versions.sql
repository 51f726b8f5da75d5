-- Every version of every policy with its text, and from when it is in force: the order in
-- which versions take over from each other. An erasure may have taken a text; its version was
-- in force all the same.
SELECT policy, version, text, effective_at
FROM policies
ORDER BY policy, effective, version
