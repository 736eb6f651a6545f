// What a function may give back: an image, one that wants to run something, JSON with markup in it.

export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6BAAAAFklEQVR42mP8z8BQz0BAAMRgxGECAACK8wP9Q5NXxgAAAABJRU5ErkJggg==',
  'base64',
)
export const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80"><script>document.title='ran'</script>
<circle cx="60" cy="40" r="30" fill="orange" onload="alert(1)"/></svg>`
export const json = JSON.stringify({
  name: 'Zoë',
  list: [1, 2, { deep: true }],
  nothing: null,
  '<b>': '<img src=x onerror=alert(1)>',
})
