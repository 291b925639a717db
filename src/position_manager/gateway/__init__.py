"""The gateway: nginx, configured from templates, settings and limits."""
