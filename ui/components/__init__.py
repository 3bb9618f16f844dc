"""Components: what pages are drawn with. Note text only ever becomes text here, never markup."""
