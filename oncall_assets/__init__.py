"""A data team on call: pipelines, runbooks, a rota, and the pages that follow."""
