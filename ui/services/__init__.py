"""Services: each opens units of work and calls core and db. They draw nothing."""
