namespace EdgeRuntime.Tools.Evaluation.Evaluators;

/// <summary>Measures one kind of thing: runs the model on one sample after the other and says in the end how good it is.</summary>
internal abstract class Evaluator : IDisposable
{
    /// <summary>Runs the model on a sample and takes in what it finds.</summary>
    /// <exception cref="Diagnostics.EdgeException">The sample cannot be read, or does not fit the model.</exception>
    public abstract void Add(Sample sample);

    /// <summary>What was measured so far.</summary>
    public abstract EvaluationResult Result();

    public abstract void Dispose();
}
