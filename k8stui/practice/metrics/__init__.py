"""The resource metrics API: figures made up of what there is, plausible and always moving."""
