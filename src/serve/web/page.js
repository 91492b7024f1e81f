// Asks for the list again and again, like any client. Each answer says who gave it, and who is connected.
'use strict';
const $ = (id) => document.getElementById(id);
const cards = new Map();
const counts = new Map();
const times = [];
const newest = new Map();
let answered = 0, failed = 0, asking = 0;

const words = { connected: '', coming: 'coming', leaving: 'leaving', failing: 'does not answer' };
const text = (node, value) => { if (node.textContent !== value) node.textContent = value; };
const clock = (at) => new Date(at).toLocaleTimeString();
const ago = (at) => Math.max(0, Math.round((Date.now() - new Date(at)) / 1000));

function card(ip) {
  if (cards.has(ip)) return cards.get(ip);
  const item = document.createElement('li');
  for (const tag of ['b', 'em', 'i', 'i', 'span']) item.append(document.createElement(tag));
  item.lastChild.className = 'bar';
  item.children[0].textContent = ip;
  item.classList.add('new');
  cards.set(ip, item);
  return item;
}

function show(page, through) {
  // Answers of two servers may cross: an older list never replaces a newer one of the same balancer.
  const heard = page.heard;
  if (!heard) return;
  if ((newest.get(heard.balancer) || 0) > heard.number) return;
  newest.set(heard.balancer, heard.number);
  document.title = page.ips.length + ' nginx connected';
  text($('count'), String(page.ips.length));
  text($('since'), 'since ' + clock(heard.changed));
  const notes = [];
  if (page.stale_since) notes.push('No balancer has told this server anything for ' + ago(page.stale_since) + ' s: the list may be old.');
  if (heard.unheard_since) notes.push('Nobody has told the balancer who exists for ' + ago(heard.unheard_since) + ' s: the list stays, its checks go on.');
  text($('note'), notes.join(' '));
  // The balancer that led here; the list may be of another one, whose node the answering server is on.
  text($('who'), through || heard.balancer);
  if (through === heard.balancer) text($('what'), (heard.node ? heard.node + ', ' : '') + heard.version + ', ' + heard.base + ', ' + heard.slots + ' slots, ' + heard.reloads + (heard.reloads === 1 ? ' reload' : ' reloads'));
  const list = $('servers');
  const known = new Set(heard.servers.map((server) => server.ip));
  for (const server of heard.servers) {
    const item = card(server.ip);
    item.classList.remove('gone', 'coming', 'leaving', 'failing', 'connected');
    item.classList.add(server.state);
    text(item.children[2], server.name === server.ip ? '' : server.name);
    text(item.children[3], [server.node, words[server.state]].filter(Boolean).join(' · '));
    if (!item.parentNode) list.append(item);
  }
  for (const [ip, item] of cards) {
    if (known.has(ip)) continue;
    item.classList.add('gone');
    cards.delete(ip);
    setTimeout(() => item.remove(), 400);
  }
}

function light(ip) {
  counts.set(ip, (counts.get(ip) || 0) + 1);
  const most = Math.max(...counts.values());
  for (const [at, item] of cards) {
    const count = counts.get(at) || 0;
    text(item.children[1], count ? String(count) : '');
    item.lastChild.style.width = (100 * count / most) + '%';
  }
  for (const item of [cards.get(ip), document.querySelector('.dot')]) {
    if (!item) continue;
    const name = item.className === 'dot' || item.classList.contains('dot') ? 'beat' : 'lit';
    item.classList.remove('new', name);
    void item.offsetWidth;
    item.classList.add(name);
  }
}

async function ask() {
  if (asking > 8) return;
  asking += 1;
  const began = performance.now();
  try {
    const answer = await fetch('/ips.json', { cache: 'no-store', signal: AbortSignal.timeout(3000) });
    if (!answer.ok) throw new Error(answer.status === 503 ? 'No server is connected.' : 'The answer was ' + answer.status + '.');
    const page = await answer.json();
    answered += 1;
    times.push(performance.now() - began);
    if (times.length > 100) times.shift();
    document.body.classList.remove('away');
    show(page, answer.headers.get('X-Balancer'));
    light(answer.headers.get('X-Served-By'));
  } catch (error) {
    failed += 1;
    document.body.classList.add('away');
    text($('note'), error.name === 'Error' ? error.message : 'No answer.');
    if (error.message === 'No server is connected.') text($('count'), '0');
  } finally {
    asking -= 1;
    text($('answered'), String(answered));
    text($('failed'), String(failed));
    const sorted = [...times].sort((a, b) => a - b);
    if (sorted.length) text($('median'), sorted[sorted.length >> 1].toFixed(1) + ' ms');
  }
}

let timer = 0;
function pace() {
  const rate = Number($('rate').value);
  text($('rate-told'), String(rate));
  clearInterval(timer);
  if (rate) timer = setInterval(ask, 1000 / rate);
}
$('rate').addEventListener('input', pace);
$('servers').replaceChildren();
ask();
pace();
