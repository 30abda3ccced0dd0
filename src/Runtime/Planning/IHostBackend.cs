using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Planning;

/// <summary>A backend that computes in the memory of the host, so that what enters and leaves a plan may lie where the caller says and is copied nowhere.</summary>
internal interface IHostBackend : IBackend
{
    /// <summary>As <see cref="IBackend.Compile(ExecutionPlan)"/>, with memory for the inputs of the plan and, after them, for its outputs; their slots are <see cref="SlotKind.Port"/>.</summary>
    ICompiledPlan Compile(ExecutionPlan plan, IReadOnlyList<TensorView> ports);

    /// <summary>The results of a graph of known shapes without inputs, computed once.</summary>
    Tensor[] Compute(Graph graph) => GraphInterpreter.Run(graph, []);
}
