"""What a person can choose: frozen settings from file, environment and flags, and where files are kept."""

from k8stui.settings.model import Settings, SettingsError
from k8stui.settings.places import cache_dir, config_dir, state_dir
from k8stui.settings.reading import load

__all__ = ["Settings", "SettingsError", "cache_dir", "config_dir", "load", "state_dir"]
