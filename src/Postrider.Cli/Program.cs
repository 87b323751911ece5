await Task.CompletedTask;
return 0;
