-- Where each event came from. Where its source tells a place, that one stands, as
-- it came; else what the GeoIP databases of the configuration say of its address
-- today (docs/geoip.md): this is never stored, and another database may say another
-- thing. The two are never mixed within a place (country, region, city, coordinates), nor
-- within a network (number, name): where the source tells any of it, the rest is null.
-- columns:
-- country  ISO 3166-1 alpha-2.
-- region  The largest part of the country: the source's word, or the database's English name.
-- city  The source's word, or the database's English name.
-- lat_e6, lon_e6  Millionths of a degree; a database tells the middle of an area.
-- place_basis  Who tells the place: vendor (the event's source) or database; null where nobody does.
-- place_built  The day on which that database was built; null where the source tells.
-- asn  Number of the autonomous system.
-- as_org  Who runs it.
-- as_basis  Who tells the network: vendor or database; null where nobody does.
-- as_built  The day on which that database was built; null where the source tells.
WITH told AS (
    SELECT
        shard, seq, part, source, time, user_name, ip,
        country, region, city, lat_e6, lon_e6, asn, as_org,
        country IS NOT NULL OR region IS NOT NULL OR city IS NOT NULL OR lat_e6 IS NOT NULL
            OR lon_e6 IS NOT NULL AS by_vendor,
        asn IS NOT NULL OR as_org IS NOT NULL AS as_by_vendor,
        place(ip) AS found
    FROM events
)
SELECT
    shard, seq, part, source, time, user_name, ip,
    CASE WHEN by_vendor THEN country ELSE found['country'] END AS country,
    CASE WHEN by_vendor THEN region ELSE found['region'] END AS region,
    CASE WHEN by_vendor THEN city ELSE found['city'] END AS city,
    CASE WHEN by_vendor THEN lat_e6 ELSE found['lat_e6'] END AS lat_e6,
    CASE WHEN by_vendor THEN lon_e6 ELSE found['lon_e6'] END AS lon_e6,
    CASE
        WHEN by_vendor THEN 'vendor'
        WHEN found['place_built'] IS NOT NULL THEN 'database'
    END AS place_basis,
    CASE WHEN NOT by_vendor THEN found['place_built'] END AS place_built,
    CASE WHEN as_by_vendor THEN CAST(asn AS BIGINT) ELSE found['asn'] END AS asn,
    CASE WHEN as_by_vendor THEN as_org ELSE found['as_org'] END AS as_org,
    CASE
        WHEN as_by_vendor THEN 'vendor'
        WHEN found['as_built'] IS NOT NULL THEN 'database'
    END AS as_basis,
    CASE WHEN NOT as_by_vendor THEN found['as_built'] END AS as_built
FROM told
