delete from login_links where expires_us < :before
