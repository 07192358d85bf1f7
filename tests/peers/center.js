// A message center for tests: SMPP 3.4 on loopback, over TCP and, with CERT and KEY, over TLS. Says on one line which
// ports it took, then serves until its input closes. Needs npm's smpp 0.5.1, found by NODE_PATH.
//
// What becomes of a text, by the last digits of its number, 555-01xx or, where rules refuse
// numbers of films, 555-21xx; every other number is delivered:
//   50 UNDELIV                       51 refused, 0x0B: no such number      52 no receipt
//   53 delivered, answers STOP once  54 delivered, answers in French       55 refused twice, 0x58: too fast
//   56 two receipts                  57 taken, line dropped, no answer     58 taken, no answer
//   59 line dropped, not taken       60 queue full, 0x14, always           61 system error, 0x08, always
//   62 receipt before the answer     63 REJECTD                            64 EXPIRED
//   65 ACCEPTD, then DELIVRD         66 generic_nack                       67 receipt's words in message_payload
//   68 receipt dated in another zone 69 vendor's own parameter in answer   70 answer in two pieces, a pause between
//
// Settings, from the environment in capitals or by POST /settings in small letters:
//   SYSTEM, PASSWORD  who may bind             IDS       dec, hex, or mixed: answer in hex, receipt in decimal
//   DLR               text, tlv or both        ECHO      1: receipts carry the sender's user_message_reference
//   RATE              0x58 beyond so many a second         WINDOW  0x14 beyond so many that wait for an answer
//   DELAY             milliseconds to an answer            ALPHABET  what coding 0 means: gsm, latin1 or ascii
//
// Control over HTTP: GET /texts, /acks, /sessions. POST /mo {from, to, text, coding, parts, by, backwards}, /report {id,
// word} (a receipt now), /drop (every line), /mute (texts are taken, nothing is answered), /settings {...}, /reset
// (nothing taken, settings as at the start).
'use strict';
const fs = require('fs'), http = require('http'), smpp = require('smpp');

const FIRST = {system: 'portal', password: 'secret', ids: 'dec', dlr: 'both', echo: '', rate: '0', window: '0',
  delay: '0', alphabet: 'gsm'};
for (const name of Object.keys(FIRST)) FIRST[name] = process.env[name.toUpperCase()] ?? FIRST[name];

const STATES = {DELIVRD: 2, EXPIRED: 3, UNDELIV: 5, ACCEPTD: 6, REJECTD: 8};
const ERRORS = {UNDELIV: '005', REJECTD: '069', EXPIRED: '027'};
const REPORTED = {50: ['UNDELIV'], 52: [], 56: ['DELIVRD', 'DELIVRD'], 62: [], 63: ['REJECTD'], 64: ['EXPIRED'],
  65: ['ACCEPTD', 'DELIVRD']};
const REFUSED = {51: 0x0B, 60: 0x14, 61: 0x08};
const REPLIES = {53: 'STOP', 54: 'Bonjour, merci de votre message.'};
const VENDOR = 0x1401, PAUSE = 300, TRIES = 1000;

const sessions = new Set();
let settings, state, nextId = 1000000000;

function reset() {
  settings = {...FIRST};
  state = {texts: [], acks: [], tries: {}, replied: new Set(), mute: false, second: 0, inSecond: 0};
}
reset();

// The library would decode by itself, and what stood on the wire would be lost.
smpp.filters.message.decode = bytes => bytes;
smpp.filters.time.decode = time => time;

// --- words and bytes --------------------------------------------------------

const ucs2 = text => Buffer.from(text, 'utf16le').swap16();

function charset(coding) {
  if (coding === 8) return {read: bytes => Buffer.from(bytes).swap16().toString('utf16le'), write: ucs2};
  const plain = coding === 3 ? 'latin1' : {latin1: 'latin1', ascii: 'ascii'}[settings.alphabet];
  if (plain) return {read: bytes => bytes.toString(plain), write: text => Buffer.from(text, 'latin1')};
  return {read: bytes => smpp.encodings.ASCII.decode(bytes), write: text => smpp.encodings.ASCII.encode(text)};
}

/** The words of a submit_sm, and which part of a longer text they are. */
function unpack(pdu) {
  let bytes = Buffer.from(pdu.message_payload ?? pdu.short_message), part = null;
  if (pdu.esm_class & 0x40) {
    const header = bytes.subarray(0, 1 + bytes[0]);
    bytes = bytes.subarray(header.length);
    const wide = header[1] === 8;
    part = {by: 'udh', key: wide ? header.readUInt16BE(3) : header[3], total: header[wide ? 5 : 4],
      number: header[wide ? 6 : 5]};
  } else if (pdu.sar_total_segments) {
    part = {by: 'sar', key: pdu.sar_msg_ref_num, total: pdu.sar_total_segments, number: pdu.sar_segment_seqnum};
  }
  return {text: charset(pdu.data_coding).read(bytes), bytes: bytes.length, payload: 'message_payload' in pdu, part};
}

// --- telling: receipts, and texts that come in ------------------------------

/** Send a deliver_sm until somebody has taken it: again after a refusal, and after a line that broke meanwhile. */
function deliver(fields, tries = 0, since = state) {
  if (since !== state) return;  // reset meanwhile
  const again = () => {
    if (tries < TRIES) setTimeout(deliver, 50 * Math.min(tries + 1, 10), fields, tries + 1, since);
  };
  const session = [...sessions].find(one => one.bound && one.bound !== 'transmitter');
  if (!session) return again();
  session.waiting.add(again);
  session.deliver_sm({...fields}, answer => {
    session.waiting.delete(again);
    since.acks.push(answer.command_status);
    if (answer.command_status) again();
  });
}

function addressed(from, to) {
  return {source_addr: from.replace('+', ''), destination_addr: to.replace('+', ''), source_addr_ton: 1,
    source_addr_npi: 1, dest_addr_ton: 1, dest_addr_npi: 1};
}

function report(one, word, since = state) {
  const stamp = at => new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 12);
  const done = Date.now() - (one.ending === '68' ? 5 * 3600_000 + 30_000 : 0);
  const words = `id:${one.receiptId} sub:001 dlvrd:${word === 'DELIVRD' ? '001' : '000'} submit date:${stamp(one.at)}`
    + ` done date:${stamp(done)} stat:${word} err:${ERRORS[word] ?? '000'} text:${one.text.slice(0, 20)}`;
  const fields = {...addressed(one.to, one.from), esm_class: 4, data_coding: 0};
  if (settings.dlr !== 'tlv') {
    fields[one.ending === '67' ? 'message_payload' : 'short_message'] = {message: Buffer.from(words, 'latin1')};
  }
  if (settings.dlr !== 'text') Object.assign(fields, {receipted_message_id: one.receiptId, message_state: STATES[word]});
  if (settings.echo && one.reference !== null) fields.user_message_reference = one.reference;
  deliver(fields, 0, since);
}

function come(told) {
  const {from, to, text, coding = 'gsm', parts = 1, by = 'udh', backwards = false} = told;
  const data_coding = {gsm: 0, latin1: 3, ucs2: 8}[coding], letters = [...text];
  const size = Math.ceil(letters.length / parts), key = nextId++ & 0xff, all = [];
  for (let number = 1; number <= parts; number++) {
    const message = charset(data_coding).write(letters.slice((number - 1) * size, number * size).join(''));
    const fields = {...addressed(from, to), esm_class: 0, data_coding, short_message: {message}};
    if (by === 'payload') Object.assign(fields, {short_message: {message: Buffer.alloc(0)}, message_payload: {message}});
    if (parts > 1 && by === 'udh') {
      fields.esm_class = 0x40;
      fields.short_message = {message: Buffer.concat([Buffer.from([5, 0, 3, key, parts, number]), message])};
    }
    if (parts > 1 && by === 'sar') {
      Object.assign(fields, {sar_msg_ref_num: key, sar_total_segments: parts, sar_segment_seqnum: number});
    }
    all.push(fields);
  }
  (backwards ? all.reverse() : all).forEach(fields => deliver(fields));
}

// --- taking texts -----------------------------------------------------------

/** The status with which a text is not taken, or 0. */
function refusal(session, pdu, ending) {
  const second = Math.floor(Date.now() / 1000), pair = `${pdu.source_addr} ${pdu.destination_addr}`;
  if (second !== state.second) Object.assign(state, {second, inSecond: 0});
  if (+settings.rate && ++state.inSecond > +settings.rate) return 0x58;
  if (+settings.window && session.open > +settings.window) return 0x14;
  if (ending === '55' && (state.tries[pair] = (state.tries[pair] ?? 0) + 1) <= 2) return 0x58;
  return REFUSED[ending] ?? 0;
}

function take(pdu, ending) {
  const id = nextId++, hex = id.toString(16).toUpperCase();
  const one = {id: settings.ids === 'dec' ? String(id) : hex, receiptId: settings.ids === 'hex' ? hex : String(id),
    from: pdu.source_addr, to: pdu.destination_addr, ton: [pdu.source_addr_ton, pdu.dest_addr_ton], ending,
    npi: [pdu.source_addr_npi, pdu.dest_addr_npi], coding: pdu.data_coding, validity: pdu.validity_period,
    registered: pdu.registered_delivery, reference: pdu.user_message_reference ?? null, at: Date.now(), ...unpack(pdu)};
  state.texts.push(one);
  return one;
}

function tell(one, ending, since) {
  if (since !== state) return;
  if (one.registered & 1) {
    (REPORTED[ending] ?? ['DELIVRD']).forEach((word, n) => setTimeout(report, 50 * n, one, word, since));
  }
  const reply = REPLIES[ending], pair = `${one.from} ${one.to}`;
  if (!reply || (one.part && one.part.number !== one.part.total) || state.replied.has(pair)) return;
  if (ending === '53') state.replied.add(pair);
  come({from: one.to, to: one.from, text: reply});
}

function write(session, pdu, ending) {
  if (state.mute) return;
  if (ending !== '70') return session.send(pdu);
  const bytes = pdu.toBuffer();
  session.socket.write(bytes.subarray(0, 7));
  session.socket.cork();
  session.socket.write(bytes.subarray(7));
  setTimeout(() => session.socket.uncork(), PAUSE);
}

function submit(session, pdu) {
  const ending = /555[02]1(\d\d)$/.exec(pdu.destination_addr)?.[1] ?? '';
  if (ending === '59') return session.socket.destroy();
  session.open++;
  const answer = (fields, then = () => {}) => setTimeout(() => {
    session.open--;
    write(session, pdu.response(fields), ending);
    then();
  }, +settings.delay);
  if (ending === '66') {
    session.open--;
    return session.send(new smpp.PDU('generic_nack', {command_status: 3, sequence_number: pdu.sequence_number}));
  }
  const command_status = session.bound ? refusal(session, pdu, ending) : 4;
  if (command_status) return answer({command_status});
  const one = take(pdu, ending);
  if (ending === '57') return session.socket.destroy();
  if (ending === '58') return;
  if (ending === '62') {
    report(one, 'DELIVRD');
    return setTimeout(answer, PAUSE, {message_id: one.id});
  }
  const vendor = ending === '69' ? {additional_status_info_text: 'taken', vendor_own: Buffer.from('x')} : {};
  const since = state;
  answer({message_id: one.id, ...vendor}, () => setTimeout(tell, 5, one, ending, since));
}

// --- lines ------------------------------------------------------------------

smpp.addTLV('vendor_own', {id: VENDOR, type: smpp.types.tlv.buffer});

function bind(session, kind, pdu) {
  if (state.mute) return;
  const right = pdu.system_id === settings.system && pdu.password === settings.password;
  if (right) Object.assign(session, {bound: kind});
  session.send(pdu.response(right ? {system_id: 'CENTER', sc_interface_version: 0x34} : {command_status: 0x0E}));
  if (!right) setTimeout(() => session.close(), 20);
}

function attend(session) {
  Object.assign(session, {open: 0, bound: '', waiting: new Set()});
  sessions.add(session);
  session.on('error', () => session.socket.destroy());
  session.on('close', () => {
    sessions.delete(session);
    session.waiting.forEach(again => again());
  });
  for (const kind of ['transmitter', 'receiver', 'transceiver']) {
    session.on(`bind_${kind}`, pdu => bind(session, kind, pdu));
  }
  session.on('submit_sm', pdu => submit(session, pdu));
  session.on('enquire_link', pdu => { if (!state.mute) session.send(pdu.response()); });
  session.on('unbind', pdu => {
    session.send(pdu.response());
    session.close();
  });
  session.on('query_sm', pdu => {
    const one = state.texts.find(text => text.id === pdu.message_id);
    session.send(pdu.response(one ? {message_id: one.id, message_state: 2} : {command_status: 0x67}));
  });
}

const CONTROL = {
  '/texts': () => state.texts,
  '/acks': () => state.acks,
  '/sessions': () => [...sessions].map(session => session.bound),
  '/mo': told => come(told),
  '/report': told => report(state.texts.find(text => text.id === told.id), told.word),
  '/drop': () => sessions.forEach(session => session.socket.destroy()),
  '/mute': () => { state.mute = true; },
  '/settings': told => { Object.assign(settings, told); },
  '/reset': () => reset(),
};

const control = http.createServer((request, reply) => {
  const pieces = [];
  request.on('data', piece => pieces.push(piece)).on('end', () => {
    const told = pieces.length ? JSON.parse(Buffer.concat(pieces).toString()) : {};
    const does = CONTROL[request.url];
    reply.statusCode = does ? 200 : 404;
    reply.end(JSON.stringify(does?.(told) ?? null));
  });
});

const listen = (server, port) => new Promise(done => {
  server.listen(+(port ?? 0), '127.0.0.1', () => done(server.address().port));
});

async function serve() {
  const {CERT, KEY, PORT, TLS_PORT, CONTROL_PORT} = process.env;
  const secure = CERT && smpp.createServer({cert: fs.readFileSync(CERT), key: fs.readFileSync(KEY)}, attend);
  console.log(JSON.stringify({plain: await listen(smpp.createServer(attend), PORT),
    tls: secure ? await listen(secure, TLS_PORT) : 0, control: await listen(control, CONTROL_PORT)}));
}

// Whoever started it is gone when the input ends: a test that is killed leaves no center behind.
process.stdin.on('end', () => process.exit()).resume();
serve();
