-- The teams, roles, cohorts and people that the directory has, as a policy names them.
SELECT DISTINCT 'team:' || team AS name FROM people WHERE team IS NOT NULL
UNION
SELECT DISTINCT 'role:' || role FROM people WHERE role IS NOT NULL
UNION
SELECT DISTINCT 'cohort:' || cohort FROM people WHERE cohort IS NOT NULL
UNION
SELECT DISTINCT 'person:' || id FROM people WHERE kind <> 'service'
UNION
SELECT DISTINCT 'service:' || id FROM people WHERE kind = 'service'
