import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';
import { connect } from './api.ts';
import { Shell } from './state/shell.svelte.ts';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');

const shell = new Shell(connect());
shell.start();
mount(App, { target, props: { shell } });
