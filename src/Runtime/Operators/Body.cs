using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// A computation that an operator carries, such as the body of a loop. It reads nothing but its inputs: what it needs from around the node comes in
/// through inputs of the node, so that passes and planners see every dependence.
/// </summary>
public abstract class Body
{
    /// <summary>Name, for dumps and errors.</summary>
    public abstract string Name { get; }

    /// <summary>The types of the inputs, as far as they are known wherever the body is used.</summary>
    public abstract IReadOnlyList<TensorType> Inputs { get; }

    /// <summary>The types of the outputs, as far as they are known wherever the body is used.</summary>
    public abstract IReadOnlyList<TensorType> Outputs { get; }

    /// <summary>The outputs for certain inputs: their types, and their elements where these are known before running. What is unknown stays unknown.</summary>
    /// <exception cref="Diagnostics.EdgeException">The body is not defined for these inputs.</exception>
    public abstract Operand[] Infer(ReadOnlySpan<Operand> inputs);

    /// <summary>What one run costs; nothing where shapes depend on data.</summary>
    public abstract Cost Cost(ReadOnlySpan<TensorType> inputs);

    /// <summary>The definition: runs the body by its operators' definitions.</summary>
    public abstract Tensor[] Run(ReadOnlySpan<TensorView> inputs);
}

/// <summary>Runs bodies for operators: by definition, or by something faster.</summary>
/// <param name="body">What to run.</param>
/// <param name="inputs">Its inputs.</param>
/// <returns>Its outputs, in memory of their own.</returns>
public delegate Tensor[] BodyRunner(Body body, ReadOnlySpan<TensorView> inputs);
