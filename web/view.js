// A view with data of its own: loads it, loads it again when what it depends on has changed, and
// shows that it waits or that it failed. A subclass has load(props), dependsOn(props), view(data).
import { Component, html } from './html.js';
import { ApiError } from './api.js';
import { Failure, Loading } from './parts.js';

export class View extends Component {
  state = { data: null, error: null };

  componentDidMount() {
    this.fetch();
  }

  componentDidUpdate() {
    if (this.asked !== this.dependsOn(this.props)) this.fetch();
  }

  componentWillUnmount() {
    this.isGone = true;
  }

  fetch = async () => {
    const asked = this.dependsOn(this.props);
    this.asked = asked;
    try {
      const data = await this.load(this.props);
      if (!this.isGone && asked === this.asked) this.setState({ data, error: null });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!this.isGone && asked === this.asked) this.setState({ error });
    }
  };

  render() {
    const { data, error } = this.state;
    if (error) return html`<${Failure} message=${error.message} again=${this.fetch} />`;
    return data ? this.view(data) : html`<${Loading} />`;
  }
}
