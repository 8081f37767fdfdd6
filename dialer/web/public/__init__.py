"""The doors that are open to everybody: the web form, its API, the links in texts. Nobody logs in here.

Nothing here tells whether a number is known. Each door is shut until the settings open it (`public.*`).
"""

from dialer.web.public import callbacks_api, form, links, survey
from dialer.web.routers import joined

router = joined((callbacks_api, form, links, survey))
