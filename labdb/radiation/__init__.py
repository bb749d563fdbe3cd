"""How it meets X-rays: irradiations and absorbed dose."""
