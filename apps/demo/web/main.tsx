import { render } from 'preact';
import { App } from './app.tsx';

const target = document.querySelector('#app');
if (target !== null) render(<App />, target);
