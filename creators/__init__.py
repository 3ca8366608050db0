"""Who makes: profile, channels, quotes, works, discovery."""
