// In place of the native reading of this machine's id: none is given.

exports.getDeviceId = async () => '00000000-0000-4000-8000-000000000000'
