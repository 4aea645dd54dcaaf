// An A2A agent on the protocol's own SDK: does what the text of the message says, over the version and binding that it was started with.
import express from 'express';
import { AgentEvent, DefaultRequestHandler, InMemoryTaskStore } from '@a2a-js/sdk/server';
import { jsonRpcHandler, restHandler, UserBuilder } from '@a2a-js/sdk/server/express';
import { Role, TaskState } from '@a2a-js/sdk';

const [version, binding, tenant = ''] = process.argv.slice(2);
const app = express();
const server = app.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  serve(url);
  process.send({ url });
});

const text = (words) => ({ content: { $case: 'text', value: words }, metadata: undefined, filename: '', mediaType: '' });
const data = (value) => ({ content: { $case: 'data', value }, metadata: undefined, filename: '', mediaType: '' });

// What was said in each task so far: `book 2` asks back twice, `count 2` with what it used each time.
const talks = new Map();

class Executor {
  async execute({ userMessage, taskId, contextId, context }, bus) {
    const [first] = userMessage.parts;
    const said = first.content.$case === 'text' ? first.content.value : first.content.value.say;
    const talk = [...(talks.get(taskId) ?? []), said];
    talks.set(taskId, talk);
    const [wanted, questions] = talk[0].split(' ');
    const message = (parts) => ({ messageId: `m-${taskId}`, role: Role.ROLE_AGENT, parts, taskId: '', contextId, metadata: undefined, extensions: [], referenceTaskIds: [] });
    const status = (state, words) => ({ state, message: words === undefined ? undefined : { ...message([text(words)]), taskId }, timestamp: new Date().toISOString() });
    const task = (state, words, artifacts = []) => ({ id: taskId, contextId, status: status(state, words), artifacts, history: [], metadata: undefined });
    const artifact = (parts) => ({ artifactId: 'a1', name: 'answer', description: '', parts, metadata: undefined, extensions: [] });
    const done = (parts) => bus.publish(AgentEvent.task(task(TaskState.TASK_STATE_COMPLETED, undefined, [artifact(parts)])));
    const ends = { fail: TaskState.TASK_STATE_FAILED, reject: TaskState.TASK_STATE_REJECTED, ask: TaskState.TASK_STATE_INPUT_REQUIRED, auth: TaskState.TASK_STATE_AUTH_REQUIRED, cancel: TaskState.TASK_STATE_CANCELED };
    const used = (more) => [data({ ...more, usage: { inputTokens: 10, outputTokens: 1, cost: '0.0001' }, calls: [{ tool: 'look', arguments: { turn: talk.length } }] })];
    if (wanted === 'book' || wanted === 'count') {
      if (talk.length > Number(questions)) {
        bus.publish(AgentEvent.statusUpdate({ taskId, contextId, status: status(TaskState.TASK_STATE_WORKING), metadata: undefined }));
        await new Promise((wait) => setTimeout(wait, 50));
        bus.publish(AgentEvent.artifactUpdate({ taskId, contextId, artifact: artifact(wanted === 'book' ? [text(talk.join(', '))] : used({ text: talk.join(', ') })), append: false, lastChunk: true, metadata: undefined }));
        bus.publish(AgentEvent.statusUpdate({ taskId, contextId, status: status(TaskState.TASK_STATE_COMPLETED), metadata: undefined }));
      } else {
        const asked = task(TaskState.TASK_STATE_INPUT_REQUIRED, `question ${talk.length}`);
        if (wanted === 'count') asked.status.message.parts = used({ text: `question ${talk.length}` });
        bus.publish(AgentEvent.task(asked));
      }
      return bus.finished();
    }
    if (said === 'throw') throw new Error('index out of range');
    if (said === 'never') return new Promise(() => undefined);
    if (said === 'message') bus.publish(AgentEvent.message(message([text('hello'), text('there')])));
    else if (said === 'data') done([data({ label: 'spam', sure: 0.5 })]);
    else if (said === 'json') done([text('{"label":"spam","sure":0.5}')]);
    else if (said === 'tenant') done([text(`tenant ${context?.tenant ?? 'none'}`)]);
    else if (said === 'words') bus.publish(AgentEvent.task(task(TaskState.TASK_STATE_COMPLETED, 'done in words')));
    else if (said === 'empty') bus.publish(AgentEvent.task(task(TaskState.TASK_STATE_COMPLETED)));
    else if (said in ends) bus.publish(AgentEvent.task(task(ends[said], `because of ${said}`)));
    else if (said === 'work') {
      bus.publish(AgentEvent.task(task(TaskState.TASK_STATE_WORKING)));
      await new Promise((wait) => setTimeout(wait, 150));
      bus.publish(AgentEvent.artifactUpdate({ taskId, contextId, artifact: artifact([text('worked')]), append: false, lastChunk: true, metadata: undefined }));
      bus.publish(AgentEvent.statusUpdate({ taskId, contextId, status: status(TaskState.TASK_STATE_COMPLETED), metadata: undefined }));
    } else done([text(`echo: ${said}`)]);
    bus.finished();
  }

  async cancelTask() {}
}

function serve(url) {
  const card = {
    name: 'drill', description: 'Does what it is told.', version: '9.9.9', provider: undefined, documentationUrl: '', iconUrl: '',
    supportedInterfaces: [{ url, protocolBinding: binding, protocolVersion: version, tenant }],
    capabilities: { streaming: false, pushNotifications: false, extensions: [], extendedAgentCard: false },
    securitySchemes: {}, securityRequirements: [], defaultInputModes: ['text/plain'], defaultOutputModes: ['text/plain'], skills: [], signatures: [],
  };
  const legacyCard = { protocolVersion: '0.3.0', name: 'drill', description: card.description, version: '9.9.9', url, preferredTransport: binding, capabilities: {}, defaultInputModes: ['text/plain'], defaultOutputModes: ['text/plain'], skills: [] };
  const options = { requestHandler: new DefaultRequestHandler(card, new InMemoryTaskStore(), new Executor()), userBuilder: UserBuilder.noAuthentication, legacyCompat: { enabled: version === '0.3' } };
  app.get('/.well-known/agent-card.json', (_request, response) => response.json(version === '0.3' ? legacyCard : card));
  // Answers at once with a task that is still worked on, whatever the client asks for, so that it has to come back.
  app.use(binding === 'JSONRPC' ? jsonRpcHandler(options) : restHandler(options));
}
