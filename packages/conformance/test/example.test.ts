import '../examples/postcard.test.ts';
