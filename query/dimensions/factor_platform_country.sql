-- Factor, platform and country of an attempt at once.
coalesce(factor, 'unknown') || ' · ' || platform || ' · ' || coalesce(country, 'unknown')
