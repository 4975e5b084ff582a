"""Named reads of the catalog: the explorer, the template as one document, stacks and collections."""
