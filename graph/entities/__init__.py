"""Who is behind several addresses: links, clusters, their history."""
