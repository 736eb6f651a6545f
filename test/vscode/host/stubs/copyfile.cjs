// In place of the native copying with reflinks.

exports.copyFile = require('node:fs').promises.copyFile
