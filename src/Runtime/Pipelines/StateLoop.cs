using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>The state of a model that is run step by step: what its outputs say of it becomes its inputs at the next step.</summary>
internal sealed class StateLoop
{
    private readonly InferenceSession session;
    private readonly (int Input, int Output)[] parts;
    private readonly byte[][] between;

    /// <summary>Prepares for a model; the state begins with zeros.</summary>
    /// <exception cref="EdgeException">The model file names what the graph does not have, or tensors that differ.</exception>
    public StateLoop(ModelMetadata metadata, InferenceSession session)
    {
        this.session = session;
        parts = [.. metadata.State.Select(pair => (session.InputIndex(pair.Key), session.OutputIndex(pair.Value)))];
        foreach ((int input, int output) in parts)
        {
            (Value given, Value made) = (session.Graph.Inputs[input], session.Graph.Outputs[output].Value);
            if (given.Type == made.Type && given.Type.Shape.IsStatic) continue;
            throw new EdgeException(ErrorCode.WrongTask, $"The metadata of '{metadata.Name}' feeds the output '{session.Graph.Outputs[output].Name}', {made.Type}, back to the input '{given.Name}', {given.Type}.",
                "Convert the model again with right metadata.");
        }
        // A model that remembers several steps returns what it was given in the place of what is older: the memory of one part is that of another, and none may be written before all are read.
        between = [.. parts.Select(p => new byte[IsShared(p.Output) ? (int)session.Output(p.Output).Type.ByteCount : 0])];
        Reset();
    }

    /// <summary>True when an input carries state.</summary>
    public bool Feeds(int input) => Array.Exists(parts, p => p.Input == input);

    /// <summary>Makes the state zeros.</summary>
    public void Reset()
    {
        foreach ((int input, _) in parts) session.Input(input).Bytes.Clear();
    }

    /// <summary>Gives the state that the last run made to the next one.</summary>
    public void Advance()
    {
        for (int i = 0; i < parts.Length; i++)
            if (between[i].Length > 0) session.Output(parts[i].Output).Bytes.CopyTo(between[i]);
        for (int i = 0; i < parts.Length; i++) (between[i].Length > 0 ? between[i] : session.Output(parts[i].Output).Bytes).CopyTo(session.Input(parts[i].Input).Bytes);
    }

    private bool IsShared(int output) => Array.Exists(parts, p => p.Output != output && session.Output(output).Bytes.Overlaps(session.Input(p.Input).Bytes));
}
