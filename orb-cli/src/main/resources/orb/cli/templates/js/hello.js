// Called for each request, in a fresh sandbox: nothing is kept from one call to the next.
export default {
  fetch(request) {
    const { name = 'stranger' } = request.body ? request.json() : {};
    console.log('greeting', name);
    return { message: `Hello, ${name}!` };
  },
};
