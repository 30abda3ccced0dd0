using System.Collections;
using System.Runtime.ExceptionServices;
using EdgeRuntime.Backends;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using Memory = EdgeRuntime.Tensors.Tensor;

namespace EdgeRuntime.Inference;

/// <summary>
/// Runs a model. <see cref="Schedule(ReadOnlySpan{Tensor})"/> starts it on a thread of the worker and returns; <see cref="ScheduleIterable"/> has the caller do it a part at a time. Outputs are
/// peeked at, and copied where they are to be kept. Not for use by two threads at once.
/// </summary>
public sealed class Worker : IDisposable
{
    private readonly InferenceSession session;
    private readonly Memory?[] inputs;
    private readonly Tensor?[] outputs;
    private readonly SemaphoreSlim begin = new(0);
    private TaskCompletionSource? running;
    private Thread? thread;
    private volatile bool stopping;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model; it must outlive the worker.</param>
    /// <param name="backend">Where it runs.</param>
    /// <exception cref="EdgeException">The model cannot run.</exception>
    public Worker(Model model, BackendType backend)
    {
        ArgumentNullException.ThrowIfNull(model);
        session = new InferenceSession(model.Edge.Graph, new SessionOptions { Backend = backend == BackendType.CPU ? BackendKind.Cpu : BackendKind.Auto });
        inputs = new Memory?[model.Edge.Graph.Inputs.Count];
        outputs = new Tensor?[model.Edge.Graph.Outputs.Count];
    }

    /// <summary>How much of a model is run between two steps of <see cref="ScheduleIterable"/>: a time, so that a step is as long on every machine.</summary>
    public TimeSpan StepTime { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>The session that runs the model.</summary>
    public InferenceSession Session => session;

    internal bool IsDone => running?.Task.IsCompleted ?? true;

    internal Task Pending => running?.Task ?? Task.CompletedTask;

    /// <summary>Sets an input; it is copied.</summary>
    public void SetInput(int index, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)inputs.Length, nameof(index));
        Complete();
        TensorView view = tensor.View;
        if (inputs[index] is not { } kept || kept.Type != view.Type)
        {
            inputs[index]?.Dispose();
            inputs[index] = kept = new Memory(view.Type);
        }
        view.Bytes.CopyTo(kept.View.Bytes);
    }

    /// <summary>Sets an input; it is copied.</summary>
    public void SetInput(string name, Tensor tensor) => SetInput(session.InputIndex(name), tensor);

    /// <summary>Sets all inputs given and starts the model; returns at once, unless the last run has not ended.</summary>
    /// <param name="tensors">The inputs in order; none to take those that were set.</param>
    /// <exception cref="EdgeException">An input does not fit the model.</exception>
    public void Schedule(params ReadOnlySpan<Tensor> tensors)
    {
        SetAll(tensors);
        running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (thread is null)
        {
            thread = new Thread(Serve) { IsBackground = true, Name = "EdgeRuntime inference" };
            thread.Start();
        }
        begin.Release();
    }

    /// <summary>Sets all inputs given; the model runs as the caller steps on, for about <see cref="StepTime"/> at each step, and has ended when there is no next one.</summary>
    /// <param name="tensors">The inputs in order; none to take those that were set.</param>
    /// <exception cref="EdgeException">An input does not fit the model.</exception>
    public IEnumerator ScheduleIterable(params ReadOnlySpan<Tensor> tensors)
    {
        SetAll(tensors);
        return Steps();
    }

    /// <summary>An output of the last run. It is the worker's, and changes with the next run; reading from it waits until the run has ended.</summary>
    public Tensor PeekOutput(int index = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)outputs.Length, nameof(index));
        // Where shapes are open, memory is known when the run has ended.
        if (session.Compiled is null || outputs[index] is null) Complete();
        return outputs[index] ??= Tensor.Of(session.Output(index), this);
    }

    /// <summary>An output by its name.</summary>
    public Tensor PeekOutput(string name) => PeekOutput(session.OutputIndex(name));

    /// <summary>Copies an output into a tensor of the same type and sizes.</summary>
    /// <exception cref="EdgeException">They differ.</exception>
    public void CopyOutput(string name, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(target);
        TensorView from = PeekOutput(name).View, to = target.View;
        if (from.DataType != to.DataType || from.Shape != to.Shape)
            throw new EdgeException(ErrorCode.InputMismatch, $"The output '{name}' is {from.Type}; it was to be copied into {to.Type}.");
        from.Bytes.CopyTo(to.Bytes);
    }

    /// <summary>Waits until the run has ended, and throws what it threw.</summary>
    internal void Complete()
    {
        if (running is not { } task) return;
        task.Task.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (stopping) return;
        stopping = true;
        begin.Release();
        thread?.Join();
        begin.Dispose();
        session.Dispose();
        foreach (Memory? input in inputs) input?.Dispose();
    }

    private void SetAll(ReadOnlySpan<Tensor> tensors)
    {
        ObjectDisposedException.ThrowIf(stopping, this);
        if (tensors.Length != 0 && tensors.Length != inputs.Length)
            throw new EdgeException(ErrorCode.InputMismatch, $"'{session.Graph.Name}' has {inputs.Length} inputs, {tensors.Length} were given.");
        Complete();
        for (int i = 0; i < tensors.Length; i++) SetInput(i, tensors[i]);
        int missing = Array.IndexOf(inputs, null);
        if (missing >= 0) throw new EdgeException(ErrorCode.InputMismatch, $"The input '{session.Graph.Inputs[missing].Name}' of '{session.Graph.Name}' was not set.", "Call SetInput, or give all inputs.");
        // Types and shapes are checked here, where the caller is told at once.
        for (int i = 0; i < inputs.Length; i++)
        {
            TensorType wanted = session.Graph.Inputs[i].Type, given = inputs[i]!.Type;
            if (wanted.DataType != given.DataType || !wanted.Shape.Accepts(given.Shape))
                throw new EdgeException(ErrorCode.InputMismatch, $"Input '{session.Graph.Inputs[i].Name}' of '{session.Graph.Name}' is {wanted.Format(session.Graph.Symbols)}; {given} was given.");
        }
        if (session.Graph.Inputs.All(i => i.Type.Shape.IsStatic)) return;
        // Outputs of open shapes may lie elsewhere after the next run.
        Array.Clear(outputs);
    }

    private void Serve()
    {
        while (true)
        {
            begin.Wait();
            if (stopping)
            {
                running?.TrySetCanceled();
                return;
            }
            try
            {
                Run();
                running!.TrySetResult();
            }
            catch (Exception e)
            {
                // Thrown where the outputs are asked for.
                running!.TrySetException(ExceptionDispatchInfo.Capture(e).SourceException);
            }
        }
    }

    private void Run()
    {
        var views = new TensorView[inputs.Length];
        for (int i = 0; i < views.Length; i++) views[i] = inputs[i]!.View;
        session.Run(views);
    }

    private IEnumerator Steps()
    {
        if (session.Compiled is not { } plan || session.Graph.Inputs.Any(i => !i.Type.Shape.IsStatic))
        {
            Run();
            yield break;
        }
        for (int i = 0; i < inputs.Length; i++) inputs[i]!.View.Bytes.CopyTo(plan.Input(i).Bytes);
        while (!session.Advance(new TimeBudget(StepTime))) yield return null;
    }
}
