namespace EdgeRuntime.Pipelines;

/// <summary>How long the stages of one frame took.</summary>
/// <param name="Preprocess">From the picture to the model's input.</param>
/// <param name="Inference">The model.</param>
/// <param name="Decode">From the model's outputs to results.</param>
public readonly record struct StageTimes(TimeSpan Preprocess, TimeSpan Inference, TimeSpan Decode)
{
    /// <summary>All stages together.</summary>
    public TimeSpan Total => Preprocess + Inference + Decode;
}
