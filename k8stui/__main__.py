"""``python -m k8stui``."""

import sys

from k8stui.cli import main

if __name__ == "__main__":
    sys.exit(main())
