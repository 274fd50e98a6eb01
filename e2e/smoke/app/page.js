document.querySelector('button').addEventListener('click', async () => {
  document.querySelector('output').textContent = JSON.stringify(await window.smoke.describe());
});
