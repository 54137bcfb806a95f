// Called for each request, in a fresh sandbox: nothing is kept from one call to the next.
export default {
  async fetch(request) {
    const text = await request.text();
    const { name = 'stranger' } = text ? JSON.parse(text) : {};
    console.log('greeting', name);
    return { message: `Hello, ${name}!` };
  },
};
