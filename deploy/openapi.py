"""Print the API's document, from which the console's client is made."""

import json
import sys

from jinyun.app import create_app
from jinyun.kit.database import Database
from jinyun.kit.settings import Settings

if __name__ == "__main__":
    json.dump(create_app(Settings(), Database("sqlite://")).openapi(), sys.stdout)
