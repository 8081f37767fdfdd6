"""The Asterisk Manager Interface: a pure codec, typed actions and events, and a supervised link."""
